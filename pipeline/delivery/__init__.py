"""From events to wherever they are kept: MQTT between, an outbox before it, stores behind it."""
