"""What a look at a JSON value has to know of its type, before pydantic validates it."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Object:
    """A model that an object may be."""

    names: frozenset[str]
    """The keys that it reads."""
    named: Mapping[str, "Shape"]
    """Those whose values hold models themselves."""
    kinds: Mapping[str, frozenset[object]]
    """The values of its literal fields, by which one model of several is told."""

    def may_be(self, value: Mapping[str, object]) -> bool:
        """Whether an object has the literals of this model."""
        return all(_is_of(value.get(name), kinds) for name, kinds in self.kinds.items())


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of a value of a type. A union has what is known of all its members."""

    type: object = None
    objects: tuple[Object, ...] = ()
    """The models that an object may be."""
    items: "Shape | None" = None
    """The shape of the items of a list."""
    is_dict: bool = False
    """Whether it may be an object of any keys whose values have a type."""
    has_names: bool = False
    """Whether it holds objects whose keys are those of models."""
    has_lengths: bool = False
    """Whether it holds a list, or an object of any keys, that may be too long."""
    fields: Mapping[str, "Shape"] = field(default_factory=dict)
    """The fields of all the models together."""

    def object_for(self, value: Mapping[str, object]) -> tuple[frozenset[str], Mapping[str, "Shape"]]:
        """(names, shapes of the values that hold models) of the models that this object can be."""
        if len(self.objects) == 1:
            return self.objects[0].names, self.objects[0].named
        fitting = [each for each in self.objects if each.may_be(value)] or self.objects
        names = frozenset[str]().union(*(each.names for each in fitting))
        return names, {name: shape for each in fitting for name, shape in each.named.items()}


def shape_of(declared: object) -> Shape:
    """The shape of a type."""
    return _shape_of(declared)


@cache
def _shape_of(declared: Hashable) -> Shape:
    origin, arguments = get_origin(declared), get_args(declared)
    if origin is Annotated:
        return replace(shape_of(arguments[0]), type=declared)
    if origin in (Union, UnionType):
        is_free = any(map(_is_free, arguments))
        return _united(declared, [shape_of(each) for each in arguments], is_free=is_free)
    if origin is list:
        items = shape_of(arguments[0])
        return Shape(declared, items=items, has_names=items.has_names, has_lengths=True)
    if origin is dict and arguments[1] is not Any:
        return Shape(declared, is_dict=True, has_lengths=True)
    if isinstance(declared, type) and issubclass(declared, BaseModel):
        return _shape_of_model(declared)
    return Shape(declared)


def _shape_of_model(model: type[BaseModel]) -> Shape:
    declared = {each.alias or name: each.annotation for name, each in model.model_fields.items()}
    fields = {name: shape_of(annotation) for name, annotation in declared.items()}
    return Shape(
        model,
        objects=(
            Object(
                names=frozenset(fields),
                named={name: shape for name, shape in fields.items() if shape.has_names},
                kinds={
                    name: frozenset(get_args(annotation))
                    for name, annotation in declared.items()
                    if get_origin(annotation) is Literal
                },
            ),
        ),
        has_names=True,
        has_lengths=any(shape.has_lengths for shape in fields.values()),
        fields=fields,
    )


def _united(declared: object, shapes: Sequence[Shape], *, is_free: bool) -> Shape:
    """The shape of a union; where a member takes any object, no key of an object is one of a model."""
    items = [shape.items for shape in shapes if shape.items]
    united = _united(items[0].type, items, is_free=False) if items else None
    return Shape(
        declared,
        objects=() if is_free else tuple(each for shape in shapes for each in shape.objects),
        items=united,
        is_dict=any(shape.is_dict for shape in shapes),
        has_names=bool(united and united.has_names) or (not is_free and any(s.objects for s in shapes)),
        has_lengths=any(shape.has_lengths for shape in shapes),
        fields={name: each for shape in shapes for name, each in shape.fields.items()},
    )


def _is_free(member: object) -> bool:
    return member is Any or member is dict or get_origin(member) is dict


def _is_of(value: object, kinds: Collection[object]) -> bool:
    return isinstance(value, str) and value in kinds
