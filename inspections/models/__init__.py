from inspections.models.rectification import RectificationItem

__all__ = ["RectificationItem"]
