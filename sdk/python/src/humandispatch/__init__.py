"""HumanDispatch lets software get work done in the physical world: fill a typed
task template, invite people to quote, book one with the money held in escrow,
and pay when automated QA says the deliverables are what was asked for."""

from . import models, params
from ._async.client import AsyncHumanDispatch
from ._async.pages import AsyncPage, AsyncPager
from ._content import UploadedFile
from ._model import Model
from ._sync.client import HumanDispatch
from ._sync.pages import Page
from ._version import __version__
from .errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    EscrowRequiredError,
    HumanDispatchError,
    IdempotencyConflictError,
    InsufficientFundsError,
    InternalError,
    InvalidStateError,
    MethodNotAllowedError,
    NotFoundError,
    PayloadTooLargeError,
    PolicyBlockedError,
    Problem,
    RateLimitedError,
    SchemaValidationError,
    ScopeDeniedError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedMediaTypeError,
    WebhookVerificationError,
)

__all__ = [
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "AsyncHumanDispatch",
    "AsyncPage",
    "AsyncPager",
    "EscrowRequiredError",
    "HumanDispatch",
    "HumanDispatchError",
    "IdempotencyConflictError",
    "InsufficientFundsError",
    "InternalError",
    "InvalidStateError",
    "MethodNotAllowedError",
    "Model",
    "NotFoundError",
    "Page",
    "PayloadTooLargeError",
    "PolicyBlockedError",
    "Problem",
    "RateLimitedError",
    "SchemaValidationError",
    "ScopeDeniedError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnsupportedMediaTypeError",
    "UploadedFile",
    "WebhookVerificationError",
    "__version__",
    "models",
    "params",
]
