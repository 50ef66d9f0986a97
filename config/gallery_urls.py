from django.urls import path

from config.gallery import gallery

urlpatterns = [path("gallery/", gallery, name="gallery")]
