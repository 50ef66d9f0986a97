"""Lets a template show a Job with the progress component."""

from django import template

from accounts.jobs.presenters import present

register = template.Library()
register.filter("shown", present)
