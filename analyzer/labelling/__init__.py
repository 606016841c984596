"""Labels of one's own: checking, agreement, exchange with other tools, and joining labels to texts kept elsewhere.

Everything here needs no more than a plain install; only pre-labelling runs the model, on the CPU.
"""
