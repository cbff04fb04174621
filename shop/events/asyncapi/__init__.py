"""The AsyncAPI 3.0 document: made from the registry of events, committed, and served as committed."""
