"""The model: windows, the encoder's runtimes, the heads above it, and the folder they are kept in."""
