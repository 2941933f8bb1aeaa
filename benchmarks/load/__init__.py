"""What the interview benchmark is made of: the machinery it starts, the people who write, the checks afterwards."""
