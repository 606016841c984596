"""Training: data sets, trainer, calibration, metrics, export and the model card. Needs the extra `train`."""
