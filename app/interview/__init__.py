"""What happens next: what can happen in a session, the session as a fold of it, and the interviewer's next move."""
