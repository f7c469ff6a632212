"""Interactions that arrive one by one: kept, brought into the lake, and seen by the flag within seconds."""
