"""What the API is sent inside the bodies of requests.

Written by scripts/generate_models.py from the OpenAPI document. Not to be edited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypedDict, Union

#: Major units of the currency. A float is sent as it prints: 249.5.
Amount = Union[Decimal, int, float]

#: A point in time: a datetime with a time zone, or text such as 2026-04-22T10:00:00-04:00.
Time = Union[datetime, str]


class Budget(TypedDict):
    currency: str
    max_total: Amount
    pricing_model: Literal["fixed", "hourly", "per_unit"]


class FileCapture(TypedDict):
    accuracy_m: float
    at: Time
    lat: float
    lng: float


class _Location(TypedDict):
    mode: Literal["onsite", "remote"]


class Location(_Location, total=False):
    address: str
    lat: float
    lng: float
    radius_m: float


class _NewDeliverable(TypedDict):
    #: An uploaded file
    file_id: str
    kind: Literal["photo", "video", "audio", "document"]


class NewDeliverable(_NewDeliverable, total=False):
    #: What the file shows, by the template: sku, angle, platform, store_id, asset_id, view, speaker, mix, person
    labels: Mapping[str, str]
    note: str


class _Schedule(TypedDict):
    start_at: Time


class Schedule(_Schedule, total=False):
    deadline_at: Time
    duration_hours: float
    end_at: Time


class TalentRequirements(TypedDict, total=False):
    languages: Sequence[str]
    min_rating: float
    skills: Sequence[str]


class WantedDeliverable(TypedDict):
    count: int
    format: str
    kind: Literal["photo", "video", "audio", "document"]


__all__ = [
    "Amount",
    "Budget",
    "FileCapture",
    "Location",
    "NewDeliverable",
    "Schedule",
    "TalentRequirements",
    "Time",
    "WantedDeliverable",
]
