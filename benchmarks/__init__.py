"""What is measured beside the tests: how fast the shop is, and how it bears a long history."""
