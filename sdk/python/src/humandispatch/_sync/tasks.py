# Written by scripts/generate_sync.py from ../_async. Not to be edited.
"""Templates, the tasks made from them, and their policy review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from .._core import given, path
from ..models import CreatedTask, Task, Template
from ..params import Budget, Location, Schedule, TalentRequirements, WantedDeliverable
from .pages import Page, page_of
from .resource import Resource


class Templates(Resource):
    """The kinds of tasks there are."""

    def list(self, *, limit: int | None = None, starting_after: str | None = None) -> Page[Template]:
        """All templates, with their schemas, rules and acceptance tests. starting_after is a task type."""
        query = given(limit=limit, starting_after=starting_after)
        return page_of(
            self._transport, Template, "/v1/templates", query, key="templates", id_of=lambda template: template.task_type
        )

    def get(self, task_type: str) -> Template:
        """One template. NotFoundError names those there are."""
        return self._get(Template, path("/v1/templates/{}", task_type))


class Tasks(Resource):
    """Work to be done by somebody."""

    def create(
        self,
        *,
        task_type: str,
        title: str,
        location: Location | Mapping[str, Any],
        schedule: Schedule | Mapping[str, Any],
        budget: Budget | Mapping[str, Any],
        deliverables: Sequence[WantedDeliverable | Mapping[str, Any]],
        task_spec: Mapping[str, Any],
        brief: str | None = None,
        talent_requirements: TalentRequirements | Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> CreatedTask:
        """Creates a task from a template, whose sample_payload shows the shape.
        SchemaValidationError names every problem; PolicyBlockedError says what to change."""
        body = given(
            task_type=task_type,
            title=title,
            brief=brief,
            location=location,
            schedule=schedule,
            budget=budget,
            deliverables=deliverables,
            talent_requirements=talent_requirements,
            task_spec=task_spec,
            metadata=metadata,
        )
        return self._post(CreatedTask, "/v1/tasks", body, idempotency_key)

    def check(
        self,
        *,
        task_type: str,
        title: str,
        location: Location | Mapping[str, Any],
        schedule: Schedule | Mapping[str, Any],
        budget: Budget | Mapping[str, Any],
        deliverables: Sequence[WantedDeliverable | Mapping[str, Any]],
        task_spec: Mapping[str, Any],
        brief: str | None = None,
        talent_requirements: TalentRequirements | Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> CreatedTask:
        """Validates and screens a task and creates nothing. The answer holds the
        acceptance tests as this task would have them."""
        body = given(
            task_type=task_type,
            title=title,
            brief=brief,
            location=location,
            schedule=schedule,
            budget=budget,
            deliverables=deliverables,
            talent_requirements=talent_requirements,
            task_spec=task_spec,
            metadata=metadata,
        )
        return self._post(CreatedTask, "/v1/tasks", body, None, {"dry_run": True})

    def get(self, task_id: str) -> Task:
        """A task with what may be done about it now."""
        return self._get(Task, path("/v1/tasks/{}", task_id))

    def list(
        self,
        *,
        status: str | None = None,
        task_type: str | None = None,
        limit: int | None = None,
        starting_after: str | None = None,
    ) -> Page[Task]:
        """The account's tasks, newest first."""
        query = given(status=status, task_type=task_type, limit=limit, starting_after=starting_after)
        return page_of(self._transport, Task, "/v1/tasks", query)

    def cancel(self, task_id: str, *, idempotency_key: str | None = None) -> Task:
        """Ends a task that is not booked. InvalidStateError when it is."""
        return self._post(Task, path("/v1/tasks/{}/cancel", task_id), None, idempotency_key)


class Reviews(Resource):
    """Tasks that policy screening parked for a reviewer."""

    def list(self, *, limit: int | None = None, starting_after: str | None = None) -> Page[Task]:
        """Those that wait, oldest first. Needs the scope reviews:read."""
        return page_of(self._transport, Task, "/v1/reviews/policy", given(limit=limit, starting_after=starting_after))

    def decide(
        self, task_id: str, *, decision: Literal["approve", "block"], reason: str, idempotency_key: str | None = None
    ) -> Task:
        """Approves or blocks a parked task. Needs the scope reviews:write."""
        body = {"decision": decision, "reason": reason}
        return self._post(Task, path("/v1/reviews/policy/{}", task_id), body, idempotency_key)
