"""What goes out and comes in: one module for each format, on the library that its users use."""
