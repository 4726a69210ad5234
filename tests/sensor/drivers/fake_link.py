from sensor.simulator.model_link import ModelLink as FakeLink

__all__ = ["FakeLink"]
