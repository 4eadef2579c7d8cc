"""What lesson 05 says in numbers, each with the code that computes it."""
