"""Commands beside `serve` and `routes`, a module each. None of them imports the server before it runs."""
