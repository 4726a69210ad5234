"""The live page: who may open it, and the server that gives it out."""
