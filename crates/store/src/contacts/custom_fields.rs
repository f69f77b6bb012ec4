//! What the custom fields of contacts hold. A field that holds nothing has no row.

use crate::{ReadTx, StoreError, WriteTx, args, column::Json};
use domain::id::{ContactId, CustomFieldDefinitionId, OrganizationId};
use serde_json::Value;
use uuid::Uuid;

const OF_CONTACT: &str = "select definition_id, value from contact_custom_field_values
  where organization_id = $1 and contact_id = $2 order by definition_id";

/// What the custom fields of a contact hold, by their definitions.
pub async fn of_contact(
    tx: &ReadTx<'_>,
    organization: OrganizationId,
    contact: ContactId,
) -> Result<Vec<(CustomFieldDefinitionId, Value)>, StoreError> {
    let rows: Vec<(Uuid, Json<Value>)> =
        tx.all(OF_CONTACT, args![organization.0, contact.0]).await?;
    let values = rows.into_iter();
    Ok(values
        .map(|(id, value)| (CustomFieldDefinitionId(id), value.0))
        .collect())
}

const DELETE: &str = "delete from contact_custom_field_values
  where organization_id = $1 and contact_id = $2 and definition_id = $3";
const INSERT: &str =
    "insert into contact_custom_field_values (organization_id, contact_id, definition_id, value)
  values ($1, $2, $3, $4)";

/// Sets what a field holds, or empties it.
pub async fn set(
    tx: &WriteTx<'_>,
    organization: OrganizationId,
    (contact, definition): (ContactId, CustomFieldDefinitionId),
    value: Option<&Value>,
) -> Result<(), StoreError> {
    let (organization, contact, definition) = (organization.0, contact.0, definition.0);
    tx.execute(DELETE, args![organization, contact, definition])
        .await?;
    if let Some(value) = value {
        let row = args![organization, contact, definition, Json(value)];
        tx.execute(INSERT, row).await?;
    }
    Ok(())
}
