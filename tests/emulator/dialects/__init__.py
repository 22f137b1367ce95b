"""How one server differs from another: names, OpenAPI document, encoding and validation."""
