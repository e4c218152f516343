from app import make_app
from service.app.settings import Settings


def create_app(settings: Settings):
    return make_app(settings.greeting, queue=settings.queue_url)
