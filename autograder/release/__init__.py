"""What instructors run before students see anything: `autograder verify` and `autograder release`."""
