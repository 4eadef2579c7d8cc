"""What lesson 09 says in numbers, each with the code that computes it."""
