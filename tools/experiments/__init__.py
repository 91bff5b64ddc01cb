"""Long measurements of whole models: they make the demo, the trained models and pages of docs/."""
