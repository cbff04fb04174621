from django.db import migrations

# Accounts that were there before anybody could sign up were made by hand: their addresses count as verified.
VERIFY = """
INSERT INTO account_emailaddress (user_id, email, verified, "primary")
SELECT id, email, true, true FROM users_user
WHERE NOT EXISTS (SELECT FROM account_emailaddress WHERE user_id = users_user.id OR account_emailaddress.email = users_user.email)
"""


class Migration(migrations.Migration):

    dependencies = [
        ("users", "0003_accounts"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunSQL(VERIFY, migrations.RunSQL.noop)]
