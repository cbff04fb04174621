"""The OpenAPI 3.1 document: made from the code, committed, and served as committed."""
