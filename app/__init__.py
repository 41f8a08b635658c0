"""Sevenstep, the ML system design interview simulator."""
