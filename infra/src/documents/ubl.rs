//! An invoice and a credit note as XML in the Universal Business Language 2.1 (OASIS standard of 4 November 2013), types 380 and
//! 381 of UN/CEFACT list 1001. Amounts are written with the digits of their currency, as they stand on the document.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use voxpark_billing::crediting::{CreditedLine, IssuedNote};
use voxpark_billing::invoicing::{InvoiceLine, IssuedInvoice, TaxGroup, tax_groups};
use voxpark_billing::parties::Party;
use voxpark_billing::pricing::{LineKind, RatedLine, TaxRate};
use voxpark_domain::ids::Id as _;
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::pack::hex;
use voxpark_domain::{Error, Result};

use super::{InvoicePrint, NotePrint, item_words, rent_words, reverse_charge};

const INVOICE: &str = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";
const AGGREGATE: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
const BASIC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";
const CREDIT_NOTE: &str = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2";
/// Commercial invoice, credit note (UN/CEFACT list 1001).
const TYPE: &str = "380";
const CREDIT_TYPE: &str = "381";
/// Credit transfer (UN/CEFACT list 4461).
const TRANSFER: &str = "30";
/// A day, one (UN/ECE recommendation 20).
const DAY: &str = "DAY";
const ONE: &str = "C62";

/// Elements one after the other.
struct Xml {
    out: Writer<Vec<u8>>,
    currency: Currency,
}

impl Xml {
    fn group(&mut self, name: &str, inner: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.out.write_event(Event::Start(BytesStart::new(name)))?;
        inner(self)?;
        self.out.write_event(Event::End(BytesEnd::new(name)))
    }
    fn with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
        let mut start = BytesStart::new(name);
        for attribute in attributes {
            start.push_attribute(*attribute);
        }
        // What XML 1.0 cannot hold is left out.
        let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r')).collect();
        self.out.write_event(Event::Start(start))?;
        self.out.write_event(Event::Text(BytesText::new(&text)))?;
        self.out.write_event(Event::End(BytesEnd::new(name)))
    }
    fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.with(name, &[], text)
    }
    /// A text that may not be there; an empty element would say that it is empty.
    fn maybe(&mut self, name: &str, text: &str) -> io::Result<()> {
        if text.is_empty() { Ok(()) } else { self.text(name, text) }
    }
    fn amount(&mut self, name: &str, minor: i64) -> io::Result<()> {
        let currency = self.currency;
        self.with(name, &[("currencyID", currency.code())], &Money::new(minor, currency).major())
    }
    fn scheme(&mut self) -> io::Result<()> {
        self.group("cac:TaxScheme", |x| x.text("cbc:ID", "VAT"))
    }
    fn category(&mut self, name: &str, rate: TaxRate, reverse_charge: Option<&str>) -> io::Result<()> {
        self.group(name, |x| {
            // Reverse charge, zero rate, standard rate (UN/CEFACT list 5305).
            let id = match (reverse_charge, rate.basis_points()) {
                (Some(_), 0) => "AE",
                (None, 0) => "Z",
                _ => "S",
            };
            x.text("cbc:ID", id)?;
            x.text("cbc:Percent", &rate.to_string())?;
            if id == "AE" {
                x.text("cbc:TaxExemptionReason", reverse_charge.unwrap_or_default())?;
            }
            x.scheme()
        })
    }
    fn party(&mut self, role: &str, party: &Party) -> io::Result<()> {
        self.group(role, |x| {
            x.group("cac:Party", |x| {
                x.group("cac:PartyName", |x| x.text("cbc:Name", &party.name))?;
                if !party.name_en.is_empty() {
                    x.group("cac:PartyName", |x| x.with("cbc:Name", &[("languageID", "en")], &party.name_en))?;
                }
                if !party.address.is_empty() {
                    x.group("cac:PostalAddress", |x| {
                        x.group("cac:AddressLine", |x| x.text("cbc:Line", &party.address))
                    })?;
                }
                if !party.tax_number.is_empty() {
                    x.group("cac:PartyTaxScheme", |x| {
                        x.text("cbc:CompanyID", &party.tax_number)?;
                        x.scheme()
                    })?;
                }
                x.group("cac:PartyLegalEntity", |x| {
                    x.text("cbc:RegistrationName", &party.name)?;
                    x.maybe("cbc:CompanyID", &party.tax_number)
                })?;
                if party.phone.is_empty() {
                    return Ok(());
                }
                x.group("cac:Contact", |x| x.text("cbc:Telephone", &party.phone))
            })
        })
    }
    fn subtotal(&mut self, group: &TaxGroup, reverse_charge: Option<&str>) -> io::Result<()> {
        self.group("cac:TaxSubtotal", |x| {
            x.amount("cbc:TaxableAmount", group.net_minor)?;
            x.amount("cbc:TaxAmount", group.tax_minor)?;
            x.category("cac:TaxCategory", group.rate, reverse_charge)
        })
    }
    fn item(&mut self, rated: &RatedLine) -> io::Result<()> {
        self.group("cac:Item", |x| {
            let (zh, en) = item_words(rated);
            x.with("cbc:Description", &[("languageID", "zh")], &zh)?;
            x.with("cbc:Description", &[("languageID", "en")], &en)?;
            let (zh, en) = rent_words(rated);
            x.text("cbc:Name", &format!("{zh} / {en}"))?;
            x.group("cac:SellersItemIdentification", |x| x.text("cbc:ID", rated.kind.name()))?;
            x.category("cac:ClassifiedTaxCategory", rated.vat, rated.explanation.reverse_charge.as_deref())
        })
    }
    fn tax_total(&mut self, tax_minor: i64, groups: &[TaxGroup], reverse_charge: Option<&str>) -> io::Result<()> {
        self.group("cac:TaxTotal", |x| {
            x.amount("cbc:TaxAmount", tax_minor)?;
            groups.iter().try_for_each(|group| x.subtotal(group, reverse_charge))
        })
    }
    fn total(&mut self, net_minor: i64, total_minor: i64) -> io::Result<()> {
        self.group("cac:LegalMonetaryTotal", |x| {
            x.amount("cbc:LineExtensionAmount", net_minor)?;
            x.amount("cbc:TaxExclusiveAmount", net_minor)?;
            x.amount("cbc:TaxInclusiveAmount", total_minor)?;
            x.amount("cbc:PayableAmount", total_minor)
        })
    }
    /// What is taken back of a line: an amount, whatever the quantity was that it came from.
    fn taken(&mut self, number: usize, taken: &CreditedLine, rated: &RatedLine, invoice: &str) -> io::Result<()> {
        self.group("cac:CreditNoteLine", |x| {
            x.text("cbc:ID", &number.to_string())?;
            x.with("cbc:CreditedQuantity", &[("unitCode", ONE)], "1")?;
            x.amount("cbc:LineExtensionAmount", taken.net_minor)?;
            x.group("cac:BillingReference", |x| {
                x.group("cac:InvoiceDocumentReference", |x| x.text("cbc:ID", invoice))?;
                x.group("cac:BillingReferenceLine", |x| x.text("cbc:ID", &taken.line.to_string()))
            })?;
            x.item(rated)?;
            x.group("cac:Price", |x| {
                x.amount("cbc:PriceAmount", taken.net_minor)?;
                x.with("cbc:BaseQuantity", &[("unitCode", ONE)], "1")
            })
        })
    }
    fn line(&mut self, number: usize, line: &InvoiceLine, why: (&str, &str)) -> io::Result<()> {
        let rated = &line.rated;
        // The price is that of a seat for the whole period, whose days are the base: quantity times price by base is the amount.
        // Of a minimum there is no quantity but one, nor of what a price book prices by steps, nor of the difference that a correction
        // is: a price is never below nothing, so what is given back is one that comes off.
        let rent = matches!(rated.kind, LineKind::SeatRent | LineKind::RentFree);
        let plain = rated.explanation.correction.is_none() && rated.explanation.book.is_none();
        // Nor where the price contains the tax, as a price here never does.
        let plain = plain && !line.tax_included;
        let by_day = rent && rated.seat_days > 0 && (plain || rated.kind == LineKind::RentFree);
        let one = if line.net_minor < 0 { -1 } else { 1 };
        let (quantity, unit) = if by_day { (rated.seat_days, DAY) } else { (one, ONE) };
        let (price, base) = match rated.kind {
            LineKind::RentFree => (0, quantity),
            _ if by_day => (rated.unit.minor, rated.explanation.period_days),
            _ => (line.net_minor.saturating_abs(), 1),
        };
        self.group("cac:InvoiceLine", |x| {
            x.text("cbc:ID", &number.to_string())?;
            x.with("cbc:Note", &[("languageID", "zh")], why.0)?;
            x.with("cbc:Note", &[("languageID", "en")], why.1)?;
            x.with("cbc:InvoicedQuantity", &[("unitCode", unit)], &quantity.to_string())?;
            x.amount("cbc:LineExtensionAmount", line.net_minor)?;
            if rated.kind == LineKind::RentFree {
                x.text("cbc:FreeOfChargeIndicator", "true")?;
            }
            x.item(rated)?;
            x.group("cac:Price", |x| {
                x.amount("cbc:PriceAmount", price)?;
                x.with("cbc:BaseQuantity", &[("unitCode", unit)], &base.to_string())
            })
        })
    }
}

/// A document of UBL: its root with what every document begins with, and what fills it.
fn document(
    (root, namespace): (&str, &str),
    currency: Currency,
    fill: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let mut xml = Xml { out: Writer::new_with_indent(Vec::new(), b' ', 1), currency };
    xml.out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut start = BytesStart::new(root);
    for name in [("xmlns", namespace), ("xmlns:cac", AGGREGATE), ("xmlns:cbc", BASIC)] {
        start.push_attribute(name);
    }
    xml.out.write_event(Event::Start(start))?;
    xml.text("cbc:UBLVersionID", "2.1")?;
    fill(&mut xml)?;
    xml.out.write_event(Event::End(BytesEnd::new(root)))?;
    Ok(xml.out.into_inner())
}

fn write(
    invoice: &IssuedInvoice,
    lines: &[InvoiceLine],
    with: &InvoicePrint,
    taxes: &[TaxGroup],
) -> io::Result<Vec<u8>> {
    document(("Invoice", INVOICE), invoice.currency, |x| fill(x, invoice, lines, with, taxes))
}

fn fill(
    x: &mut Xml,
    invoice: &IssuedInvoice,
    lines: &[InvoiceLine],
    with: &InvoicePrint,
    taxes: &[TaxGroup],
) -> io::Result<()> {
    x.text("cbc:ID", &invoice.number.to_string())?;
    x.text("cbc:UUID", &invoice.id.uuid().hyphenated().to_string())?;
    x.text("cbc:IssueDate", &with.issued_on.to_string())?;
    x.text("cbc:DueDate", &invoice.due_on.to_string())?;
    x.text("cbc:InvoiceTypeCode", TYPE)?;
    if let Some(hash) = &with.sides.sha256 {
        x.text("cbc:Note", &format!("SHA-256 {}", hex(hash)))?;
    }
    x.text("cbc:DocumentCurrencyCode", invoice.currency.code())?;
    x.text("cbc:LineCountNumeric", &lines.len().to_string())?;
    x.group("cac:InvoicePeriod", |x| {
        // Both days are included there.
        let last = invoice.period.to.and_then(|day| day.pred_opt()).unwrap_or(invoice.period.from);
        x.text("cbc:StartDate", &invoice.period.from.to_string())?;
        x.text("cbc:EndDate", &last.to_string())
    })?;
    x.group("cac:ContractDocumentReference", |x| x.text("cbc:ID", &with.lease))?;
    x.party("cac:AccountingSupplierParty", &with.sides.seller)?;
    x.party("cac:AccountingCustomerParty", &with.sides.buyer)?;
    let seller = &with.sides.seller;
    x.group("cac:PaymentMeans", |x| {
        x.text("cbc:PaymentMeansCode", TRANSFER)?;
        x.text("cbc:PaymentDueDate", &invoice.due_on.to_string())?;
        x.text("cbc:PaymentID", &invoice.number.to_string())?;
        if seller.account.is_empty() {
            return Ok(());
        }
        x.group("cac:PayeeFinancialAccount", |x| {
            x.text("cbc:ID", seller.account.reveal())?;
            x.text("cbc:Name", &seller.name)?;
            x.group("cac:FinancialInstitutionBranch", |x| x.text("cbc:Name", &seller.bank))
        })
    })?;
    x.tax_total(invoice.tax_minor, taxes, reverse_charge(lines))?;
    x.total(invoice.net_minor, invoice.total_minor)?;
    for ((line, why), number) in lines.iter().zip(&with.why).zip(1_usize..) {
        x.line(number, line, (&why.zh, &why.en))?;
    }
    Ok(())
}

fn write_note(note: &IssuedNote, of: &NotePrint<'_>, number: &str, taxes: &[TaxGroup]) -> Result<Vec<u8>> {
    let sold = note.lines.iter().map(|line| line.of(of.lines)).collect::<Result<Vec<_>>>()?;
    let (invoice, sides) = (of.invoice.number.to_string(), &of.with.sides);
    let written = document(("CreditNote", CREDIT_NOTE), note.currency, |x| {
        x.text("cbc:ID", number)?;
        x.text("cbc:UUID", &note.id.uuid().hyphenated().to_string())?;
        x.text("cbc:IssueDate", &note.issued_on.to_string())?;
        x.text("cbc:TaxPointDate", &note.issued_on.to_string())?;
        x.text("cbc:CreditNoteTypeCode", CREDIT_TYPE)?;
        x.text("cbc:DocumentCurrencyCode", note.currency.code())?;
        x.text("cbc:LineCountNumeric", &note.lines.len().to_string())?;
        x.group("cac:DiscrepancyResponse", |x| x.text("cbc:Description", &note.reason))?;
        x.group("cac:BillingReference", |x| {
            x.group("cac:InvoiceDocumentReference", |x| {
                x.text("cbc:ID", &invoice)?;
                x.text("cbc:UUID", &note.invoice.uuid().hyphenated().to_string())?;
                x.text("cbc:IssueDate", &of.with.issued_on.to_string())
            })
        })?;
        x.group("cac:ContractDocumentReference", |x| x.text("cbc:ID", &of.with.lease))?;
        x.party("cac:AccountingSupplierParty", &sides.seller)?;
        x.party("cac:AccountingCustomerParty", &sides.buyer)?;
        x.tax_total(note.tax_minor, taxes, reverse_charge(of.lines))?;
        x.total(note.net_minor, note.total_minor)?;
        for ((taken, sold), number) in note.lines.iter().zip(&sold).zip(1_usize..) {
            x.taken(number, taken, &sold.rated, &invoice)?;
        }
        Ok(())
    });
    written.map_err(Error::internal)
}

/// A credit note as UBL 2.1: what it takes back, wherever that went.
///
/// # Errors
/// `amount-out-of-range` of taxes that cannot be summed; an internal error of a note that was only looked at.
pub fn credit_note_ubl(note: &IssuedNote, of: &NotePrint<'_>) -> Result<Vec<u8>> {
    let number = note.number.as_ref().ok_or_else(|| Error::internal("a credit note without a number"))?;
    write_note(note, of, &number.to_string(), &note.tax_groups(of.lines)?)
}

/// An invoice as UBL 2.1: what was issued, whatever was paid since.
///
/// # Errors
/// `amount-out-of-range` of taxes that cannot be summed.
pub fn invoice_ubl(invoice: &IssuedInvoice, lines: &[InvoiceLine], with: &InvoicePrint) -> Result<Vec<u8>> {
    let taxes = tax_groups(lines)?;
    write(invoice, lines, with, &taxes).map_err(Error::internal)
}
