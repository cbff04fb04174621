"""The book of what staff did, and what keeps it as it was written."""

import django.core.serializers.json
import django.db.models.deletion
import shop.clock
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


# What is held of a person may be forgotten, which leaves the rest of the entry as it was; nothing else is ever changed.
KEPT = """
CREATE FUNCTION audit_entry_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held CONSTANT text[] := '{before,after,reason}';
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.person IS NOT NULL AND to_jsonb(NEW) - held = to_jsonb(OLD) - held
        AND NEW.before IS NULL AND NEW.after IS NULL AND NEW.reason = ''
    THEN
        RETURN NEW;
    END IF;
    RAISE 'what was noted is neither changed nor deleted' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER audit_entry_is_kept BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_is_kept();
CREATE TRIGGER audit_entry_is_not_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_kept();
"""

NOT_KEPT = """
DROP TRIGGER audit_entry_is_kept ON audit_entry;
DROP TRIGGER audit_entry_is_not_emptied ON audit_entry;
DROP FUNCTION audit_entry_is_kept();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("bus", "0001_initial"),  # shop_now()
    ]

    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=shop.clock.ShopNow())),
                ('action', models.CharField(max_length=60)),
                ('subject', models.CharField(max_length=200)),
                ('person', models.UUIDField(null=True)),
                ('before', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ('after', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ('reason', models.TextField(blank=True)),
                ('request', models.CharField(blank=True, max_length=64)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'entries',
                'indexes': [models.Index(fields=['by', 'id'], name='audit_by_whom'), models.Index(fields=['action', 'id'], name='audit_by_action'), models.Index(fields=['subject', 'id'], name='audit_by_subject'), models.Index(fields=['at'], name='audit_by_time'), models.Index(condition=models.Q(('person__isnull', False)), fields=['person'], name='audit_by_person')],
            },
        ),
        migrations.RunSQL(KEPT, NOT_KEPT),
    ]
