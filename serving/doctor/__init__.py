"""`tenure doctor`: looks at what usually goes wrong and says what to do; it changes nothing."""
