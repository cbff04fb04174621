"""The entries of before are looked through while others write."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_commands")]

    operations = [ValidateConstraint("entry", "audit_says_who")]
