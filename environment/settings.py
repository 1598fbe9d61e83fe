"""All settings in one typed class, from variables ``EBOK_*`` or from files; nothing else reads the environment."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, Final

from pydantic import model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from environment.alarms import Alarms
from environment.company import Company
from environment.customers import Customers
from environment.intake import Intake
from environment.invoices import Invoices
from environment.keeping import Keeping
from environment.messages import Messages
from environment.notices import Notices
from environment.places import Places
from environment.staff import StaffSettings
from environment.visits import Visits
from environment.web import Web

_SECRETS_DIR: Final = "EBOK_SECRETS_DIR"
"""Folder with one file a setting, named as its variable in small letters, as containers are given their secrets."""


class _Variables(EnvSettingsSource):
    """The variables that are set; of the others, which are most, nothing is worked out."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """What is set for a field, under which name, and whether it needs more work."""
        if f"{self.env_prefix}{field_name}".lower() in self.env_vars:
            return super().get_field_value(field, field_name)
        return None, field_name, True

    def prepare_field_value(self, field_name: str, field: FieldInfo, value: Any, value_is_complex: bool) -> Any:
        """That work."""
        return None if value is None else super().prepare_field_value(field_name, field, value, value_is_complex)


class Settings(
    Keeping,
    Visits,
    Customers,
    StaffSettings,
    Intake,
    Alarms,
    Invoices,
    Notices,
    Messages,
    Web,
    Company,
    Places,
    BaseSettings,
):
    """Typed settings; every one has a default that works on one machine. They are listed from the last base on."""

    model_config = SettingsConfigDict(env_prefix="EBOK_", extra="ignore", frozen=True, allow_inf_nan=False)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where they come from, what goes before first; our own files of settings are read elsewhere."""
        return init_settings, _Variables(settings_cls), file_secret_settings

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_set(cls, given: dict[str, Any]) -> dict[str, Any]:
        """A name without a value is as if it were not there: no file of keys and no scan folder is the one at work."""
        return {name: value for name, value in given.items() if value != "" or name.startswith("keep_")}

    @property
    def joins_another(self) -> bool:
        """Whether this machine shares the work of another one, which has the workflow engine and the web pages."""
        return self.prefect_url is not None

    @property
    def takes_scans(self) -> bool:
        """Whether this machine looks into a scan folder: one that joins only where it is told which."""
        return not self.joins_another or self.inbox_dir is not None

    @property
    def writes_messages(self) -> bool:
        """Whether this machine writes letters and messages to files: one that joins only where it is told whereto.

        In its own home nobody would look for them.
        """
        return not self.joins_another or self.outgoing_dir is not None


@cache
def get_settings() -> Settings:
    """The settings of this process, read once. Tests call ``get_settings.cache_clear()``."""
    return Settings(_secrets_dir=os.environ.get(_SECRETS_DIR) or None)
