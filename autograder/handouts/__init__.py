"""From source notebooks to all that is generated: handouts, solved modules, lists, references."""
