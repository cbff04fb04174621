"""Commands do things too, where nobody is signed in."""

from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField("entry", "command", models.CharField(blank=True, db_default="", max_length=60)),
        migrations.AlterField(
            "entry",
            "by",
            models.ForeignKey(
                null=True, on_delete=models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        AddConstraintNotValid(
            "entry",
            models.CheckConstraint(
                condition=models.Q(by__isnull=False, command="") | models.Q(by__isnull=True) & ~models.Q(command=""),
                name="audit_says_who",
            ),
        ),
    ]
