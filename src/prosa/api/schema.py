"""What the models of the API have in common."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict


def example(**fields: Any) -> ConfigDict:
    """A model's example in the API's description."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


class Shown(BaseModel):
    """What callers see of a stored object: the fields named here and no others. A column added later stays inside."""

    @classmethod
    def of(cls, stored: object) -> Self:
        """From the object's attributes of the same names."""
        return cls.model_validate(stored, from_attributes=True)
