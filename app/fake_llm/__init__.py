"""A peer that speaks the OpenAI protocol on loopback: honest by default, broken or ill-mannered on demand.

It knows nothing of the rest of the system: what it is sent must tell it everything, as with any other server.
"""
