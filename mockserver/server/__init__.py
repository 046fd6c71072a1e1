"""HTTP: the Connexion application, its middleware, the control API, and what carries them."""
