"""What the question's author wrote: Question, Fact, FollowUp, and which fact a candidate's question asks for."""
