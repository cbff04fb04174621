"""Two releases of one domain: `old` is what runs before a deployment and `new` what runs after it.

A worker of a test runs the one that RELEASE names; both write into the tables of the stage.
"""
