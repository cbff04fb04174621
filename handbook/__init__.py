"""The documentation site's part that is made from the code: each module here makes what one reference page asks for.

A page asks by `<!-- made: events -->`, which `hook.py` replaces with what `handbook.events.made()` returns. So what a
reference page lists cannot differ from what runs; what it says in prose stands in `docs/`.
"""
