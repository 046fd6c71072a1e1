"""incident.io's world: everything that its organisations hold, and the rules about importing postmortem documents.

Rules about incidents are in `incidents`, what an organisation has configured in `catalog`, its people in `people`.
"""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ulid.base32 import encode_randomness, encode_timestamp

from mockserver.core.errors import NotAuthenticated, NotFound, NotPermitted
from mockserver.core.events import Event
from mockserver.core.fixtures import FixtureError, Fixtures, fill
from mockserver.core.later import later
from mockserver.core.sandbox import Services
from mockserver.core.store import Store, Table
from mockserver.providers.incident_io.budgets import Budgets
from mockserver.providers.incident_io.catalog import tables as catalog
from mockserver.providers.incident_io.follow_ups import tables as follow_ups
from mockserver.providers.incident_io.incidents import tables as incidents
from mockserver.providers.incident_io.people import tables as people
from mockserver.providers.incident_io.records import (
    EVERY_SCOPE,
    ApiKey,
    Incident,
    Organisation,
    PostmortemDocument,
)

if TYPE_CHECKING:
    from mockserver.providers.incident_io.markdown import canonical
    from mockserver.providers.incident_io.views import Views
else:
    canonical = later("mockserver.providers.incident_io.markdown", "canonical")

DASHBOARD = "https://app.incident.io"
BY_TOKEN = "token"  # noqa: S105 - the name of an index
BY_INCIDENT = "incident_id"
BY_ORGANISATION = "organisation"
BY_TYPE = "incident_id, type"
REFERENCES = {
    ("api_keys", "organisation"): "organisations",
    ("incidents", "main_document"): "postmortem_documents",
    ("postmortem_documents", "incident_id"): "incidents",
    ("postmortem_documents", "editors"): "users",
    **catalog.REFERENCES,
    **people.REFERENCES,
    **incidents.REFERENCES,
    **follow_ups.REFERENCES,
}


class World:
    """Every organisation of one sandbox. `store` holds the tables; `views` tell of their records, where the world was
    built to be served."""

    views: Views

    def __init__(self, fixtures: Fixtures, services: Services) -> None:
        self.services = services
        self.organisations: Table[Organisation] = Table()
        self.api_keys: Table[ApiKey] = Table(indexes={BY_TOKEN: attrgetter("token")})
        self.catalog = catalog.Catalog()
        self.people = people.People()
        self.incidents = incidents.table(self.catalog)
        self.updates = incidents.updates_table(self.incidents)
        self.documents: Table[PostmortemDocument] = Table(
            order=attrgetter("created_at", "id"),
            indexes={
                BY_INCIDENT: attrgetter("incident_id"),
                BY_ORGANISATION: self.organisation_of,
                BY_TYPE: attrgetter("incident_id", "type"),
            },
        )
        self.follow_ups = follow_ups.FollowUps(self.incidents)
        tables: dict[str, Table[Any]] = {
            "organisations": self.organisations,
            "api_keys": self.api_keys,
            **self.people.tables(),
            **self.catalog.tables(),
            "incidents": self.incidents,
            "incident_updates": self.updates,
            "postmortem_documents": self.documents,
            **self.follow_ups.tables(),
        }
        self.store = Store(tables)
        fill(tables, fixtures, REFERENCES)
        incidents.check_fixtures(fixtures, self.catalog, self.people)
        for organisation in self.organisations:
            if organisation.last_number is None:
                self.organisations.replace(replace(organisation, last_number=0))
                for incident in self.incidents.where(BY_ORGANISATION, organisation.id):
                    self.number_taken(incident)
        for position, api_key in enumerate(fixtures.get("api_keys", ())):
            if self.api_keys.first(BY_TOKEN, api_key.token) != api_key:
                raise FixtureError("api_keys", position, "token", "a token is given twice")
        factor = services.rate_factor
        self.budgets = None if factor is None else Budgets(factor)

    def callers(self) -> dict[str, str]:
        """Whose key each Authorization shows."""
        return {f"Bearer {api_key.token}": api_key.id for api_key in self.api_keys}

    def authenticate(self, token: str) -> ApiKey:
        """Raises NotAuthenticated for a token that no key has."""
        api_key = self.api_keys.first(BY_TOKEN, token)
        if api_key is None:
            raise NotAuthenticated("unknown")
        return api_key

    def require_scopes(self, api_key: ApiKey, scopes: tuple[str, ...]) -> None:
        """Raises NotPermitted with the first scope that the key lacks."""
        for scope in scopes:
            if scope not in api_key.scopes and EVERY_SCOPE not in api_key.scopes:
                raise NotPermitted(scope)

    def find_incident(self, api_key: ApiKey, incident_id: str) -> Incident:
        """Raises NotFound, also for another organisation's incident."""
        incident = self.incidents.get(incident_id)
        if incident is None or incident.organisation != api_key.organisation:
            raise NotFound
        return incident

    def number_taken(self, incident: Incident) -> None:
        """Notes that the next incident's number is higher than this one's."""
        organisation = self.organisation(incident.organisation)
        if incident.number > (organisation.last_number or 0):
            self.organisations.replace(replace(organisation, last_number=incident.number))

    def organisation(self, id: str) -> Organisation:
        """Raises KeyError if there is none."""
        found = self.organisations.get(id)
        if found is None:
            raise KeyError(id)
        return found

    def new_id(self, taken: Table[Any]) -> str:
        """One that is not taken: a world may hold records of a run that drew the same."""
        while True:
            raw = self.services.ids.ordered()
            drawn = encode_timestamp(raw[:6]) + encode_randomness(raw[6:])
            if taken.get(drawn) is None:
                return drawn

    def dashboard_url(self, organisation_id: str) -> str:
        return f"{DASHBOARD}/{self.organisation(organisation_id).slug}"

    def permalink(self, incident: Incident) -> str:
        """Where the vendor's dashboard would show the incident."""
        return f"{DASHBOARD}/{self.organisation(incident.organisation).slug}/incidents/{incident.number}"

    def import_postmortem_document(self, incident: Incident, title: str, content: str) -> PostmortemDocument:
        """Always a new document; the first of an incident becomes its main one (page, description)."""
        now = self.services.clock.now()
        document = PostmortemDocument(
            id=self.new_id(self.documents),
            incident_id=incident.id,
            title=title,
            markdown=content,
            created_at=now,
            updated_at=now,
        )
        self.add_document(incident, document)
        self.services.events.emit(Event("postmortem_document.imported", after=document))
        return document

    def add_document(self, incident: Incident, document: PostmortemDocument) -> None:
        self.documents.insert(document)
        if incident.main_document is None:
            self.incidents.replace(replace(incident, main_document=document.id))

    def content_of(self, document: PostmortemDocument) -> str:
        """The document as the editor would copy it: its title and its sections in canonical markdown."""
        return canonical(document.title, document.markdown)

    def incident_of(self, record: Any) -> Incident:
        """The incident that a stored record belongs to."""
        incident = self.incidents.get(record.incident_id)
        if incident is None:
            raise KeyError(record.incident_id)
        return incident

    def organisation_of(self, record: Any) -> str:
        """The organisation whose incident a stored record belongs to."""
        incident = self.incidents.get(record.incident_id)
        if incident is None:
            raise KeyError(record.incident_id)
        return incident.organisation

    def document_url(self, document: PostmortemDocument) -> str:
        """Where the vendor's dashboard would show it (page, example of the 201); of an external one, its permalink."""
        if document.permalink is not None:
            return document.permalink
        return f"{self.permalink(self.incident_of(document))}/post-mortems/{document.id}"
