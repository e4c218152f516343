from pydantic import Field

from service.kit import Settings as KitSettings


class Settings(KitSettings):
    greeting: str = Field(default="hello", description="what a visitor is told")
    queue_url: str = Field(description="the URL of the queue for jobs")
