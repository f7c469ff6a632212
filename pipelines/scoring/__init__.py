"""From a registered model to scores: of a whole snapshot, or of histories handed over."""
