//! A device that keeps passkeys, in software: what a browser would answer, and what a forger might.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{DerSignature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// One passkey of a device, and how the device behaves.
#[derive(Clone, Debug)]
pub struct Device {
    /// The key.
    pub key: SigningKey,
    /// What the device calls the passkey.
    pub credential: Vec<u8>,
    /// Whose the passkey is, as the site said.
    pub handle: Vec<u8>,
    /// Where the browser thinks it is.
    pub origin: String,
    /// The name that the passkey belongs to.
    pub rp: String,
    /// The counter; told with each use.
    pub counter: u32,
    /// Whether the person was verified.
    pub verified: bool,
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Device {
    /// A device at this place; different numbers have different keys.
    ///
    /// # Panics
    /// When the number is 0.
    pub fn new(origin: &str, number: u8) -> Self {
        let host = origin.split_once("://").map_or(origin, |(_, rest)| rest);
        Self {
            key: SigningKey::from_slice(&[number; 32]).expect("a key"),
            credential: vec![number; 20],
            handle: Vec::new(),
            origin: origin.to_owned(),
            rp: host.split(':').next().unwrap_or_default().to_owned(),
            counter: 1,
            verified: true,
        }
    }

    fn data(&self, made: bool) -> Vec<u8> {
        let flags = 0x01 | if self.verified { 0x04 } else { 0 } | if made { 0x40 } else { 0 };
        let mut data = Sha256::digest(self.rp.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        if made {
            let point = self.key.verifying_key().to_encoded_point(false);
            data.extend([0; 16]);
            data.extend(u16::try_from(self.credential.len()).expect("short").to_be_bytes());
            data.extend(&self.credential);
            // COSE: an EC2 key for ES256 on P-256.
            data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
            data.extend(point.x().expect("a point"));
            data.extend([0x22, 0x58, 0x20]);
            data.extend(point.y().expect("a point"));
        }
        data
    }

    fn client(&self, kind: &str, challenge: &Value) -> String {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false }).to_string()
    }

    /// Makes a passkey as asked; what the browser answers.
    ///
    /// # Panics
    /// When what is asked is not what our pages ask.
    pub fn make(&mut self, options: &str) -> String {
        let asked: Value = serde_json::from_str(options).expect("JSON");
        assert_eq!(asked["authenticatorSelection"]["userVerification"], "required", "{asked}");
        assert_eq!(asked["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(asked["rp"]["id"], "localhost");
        self.handle = URL_SAFE_NO_PAD.decode(asked["user"]["id"].as_str().expect("a handle")).expect("base64url");
        let data = self.data(true);
        // CBOR: fmt "none", no statement, the data.
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt");
        object.push(0x64);
        object.extend(b"none");
        object.push(0x67);
        object.extend(b"attStmt");
        object.extend([0xa0, 0x68]);
        object.extend(b"authData");
        object.extend([0x58, u8::try_from(data.len()).expect("short")]);
        object.extend(&data);
        let client = self.client("webauthn.create", &asked["challenge"]);
        json!({ "id": b64(&self.credential), "rawId": b64(&self.credential), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": { "clientDataJSON": b64(client.as_bytes()), "attestationObject": b64(&object), "transports": ["internal"] } })
        .to_string()
    }

    /// Uses the passkey as asked; what the browser answers.
    ///
    /// # Panics
    /// When what is asked is not what our pages ask.
    pub fn answer(&mut self, options: &str) -> String {
        let asked: Value = serde_json::from_str(options).expect("JSON");
        assert_eq!(asked["userVerification"], "required", "{asked}");
        self.counter += 1;
        let data = self.data(false);
        let client = self.client("webauthn.get", &asked["challenge"]);
        let signed = [data.as_slice(), &Sha256::digest(client.as_bytes())].concat();
        let signature: DerSignature = self.key.sign(&signed);
        json!({ "id": b64(&self.credential), "rawId": b64(&self.credential), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": { "clientDataJSON": b64(client.as_bytes()), "authenticatorData": b64(&data),
                "signature": b64(signature.as_bytes()), "userHandle": b64(&self.handle) } })
        .to_string()
    }

    /// The same device with the key of another, as a forger has it.
    #[must_use]
    pub fn with_key_of(&self, other: &Self) -> Self {
        Self { key: other.key.clone(), ..self.clone() }
    }
}
