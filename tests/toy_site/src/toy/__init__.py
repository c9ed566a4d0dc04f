"""A package whose modules do not import each other."""
