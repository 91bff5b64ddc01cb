"""How well a model recognises speech: models as functions of features, and error rates."""
