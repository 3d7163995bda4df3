//! Who plays in the demonstration: people who sign in, tenants with their leases, telephones and costs.

use voxpark_domain::permission::Role;

use super::calls::Line;

/// Everybody's password in the demonstration.
pub const PASSWORD: &str = "voxpark-demo-2026";

/// Who can sign in: the part before `@demo.voxpark`, name, role, tenant code.
pub const USERS: &[(&str, &str, Role, Option<&str>)] = &[
    ("park", "周敏", Role::ParkAdministrator, None),
    ("finance", "吴静", Role::ParkFinance, None),
    ("yuanshan", "刘强", Role::TenantManager, Some("YUANSHAN")),
    ("huaxin", "陈丽", Role::TenantManager, Some("HUAXIN")),
    ("yunling", "杨洋", Role::TenantManager, Some("YUNLING")),
    ("xincheng", "赵磊", Role::TenantManager, Some("XINCHENG")),
    ("assessor", "黄明", Role::Assessor, None),
    ("officer", "周敏", Role::StatisticsOfficer, None),
];

/// A tenant of the demonstration.
pub(super) struct Centre {
    pub(super) user: &'static str,
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) name_en: &'static str,
    pub(super) business: &'static str,
    pub(super) since: &'static str,
    pub(super) arrived: &'static str,
    pub(super) people: u32,
    pub(super) line: Line,
    /// Yuan a seat and month: labour, telecom, depreciation, management, recruiting, training, power, software.
    pub(super) costs: [f64; 8],
    pub(super) leases: &'static [Lease],
}

/// One of its leases.
pub(super) struct Lease {
    pub(super) code: &'static str,
    pub(super) product: &'static str,
    pub(super) price: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) rent_free: Option<(&'static str, &'static str)>,
    /// Day, zone code prefix, number of seats.
    pub(super) takes: &'static [(&'static str, &'static str, usize)],
    /// Day and number of seats given back.
    pub(super) gives: &'static [(&'static str, usize)],
    /// First day and price of what was agreed later.
    pub(super) amends: &'static [(&'static str, &'static str)],
}

/// The four tenants.
pub(super) const CENTRES: &[Centre] = &[
    Centre {
        user: "yuanshan",
        code: "YUANSHAN",
        name: "远山电销",
        name_en: "Yuanshan Telesales",
        business: "保险与通信套餐电话销售",
        since: "2021-03-01",
        arrived: "2025-10-01",
        people: 372,
        line: Line {
            queues: &[("insurance", 0.6), ("telecom", 0.4)],
            per_day: 330.0,
            growth: 0.01,
            weekend: 0.25,
            hours: (9, 20),
            handle: 95.0,
            patience: 24.0,
            comfort: 1.0,
            monday: (1.15, true),
            short_days: 0.0,
            outbound: true,
        },
        costs: [4350.0, 420.0, 160.0, 310.0, 140.0, 60.0, 75.0, 90.0],
        leases: &[
            Lease {
                code: "L-2025-001",
                product: "FURNISHED",
                price: "780.00",
                from: "2025-10-01",
                to: "2028-10-01",
                rent_free: None,
                takes: &[("2025-10-01", "3F-A", 100), ("2025-10-01", "3F-B", 100), ("2026-02-16", "1F-D", 60)],
                gives: &[],
                amends: &[("2026-10-01", "795.00")],
            },
            Lease {
                code: "L-2026-003",
                product: "BARE",
                price: "460.00",
                from: "2026-03-01",
                to: "2027-03-01",
                rent_free: None,
                takes: &[("2026-03-01", "3F-C", 60)],
                gives: &[("2026-10-19", 4)],
                amends: &[],
            },
        ],
    },
    Centre {
        user: "huaxin",
        code: "HUAXIN",
        name: "华信客服",
        name_en: "Huaxin Service Desk",
        business: "银行信用卡与网银服务台",
        since: "2019-06-01",
        arrived: "2025-10-01",
        people: 286,
        line: Line {
            queues: &[("card", 0.55), ("netbank", 0.3), ("vip", 0.15)],
            per_day: 420.0,
            growth: 0.015,
            weekend: 0.55,
            hours: (7, 24),
            handle: 165.0,
            patience: 150.0,
            comfort: 0.8,
            monday: (1.15, true),
            short_days: 0.06,
            outbound: false,
        },
        costs: [5620.0, 210.0, 240.0, 480.0, 90.0, 120.0, 95.0, 150.0],
        leases: &[Lease {
            code: "L-2025-002",
            product: "EQUIPPED",
            price: "1380.00",
            from: "2025-10-01",
            to: "2028-10-01",
            rent_free: None,
            takes: &[("2025-10-01", "2F-A", 100), ("2025-10-01", "2F-B", 80), ("2026-04-13", "2F-C", 60)],
            gives: &[],
            amends: &[],
        }],
    },
    Centre {
        user: "yunling",
        code: "YUNLING",
        name: "云岭热线",
        name_en: "Yunling Hotline",
        business: "12345 政务服务便民热线",
        since: "2022-09-01",
        arrived: "2025-10-01",
        people: 214,
        line: Line {
            queues: &[("12345", 0.85), ("english", 0.03), ("callback", 0.12)],
            per_day: 360.0,
            growth: 0.005,
            weekend: 0.7,
            hours: (0, 24),
            handle: 210.0,
            patience: 190.0,
            comfort: 0.5,
            monday: (1.3, false),
            short_days: 0.04,
            outbound: false,
        },
        costs: [5080.0, 180.0, 200.0, 420.0, 60.0, 90.0, 110.0, 80.0],
        leases: &[Lease {
            code: "L-2025-003",
            product: "EQUIPPED",
            price: "1320.00",
            from: "2025-10-01",
            to: "2027-10-01",
            rent_free: None,
            takes: &[("2025-10-01", "1F-A", 100), ("2025-11-17", "1F-B", 86)],
            gives: &[],
            amends: &[],
        }],
    },
    Centre {
        user: "xincheng",
        code: "XINCHENG",
        name: "新程科技",
        name_en: "Xincheng Technology",
        business: "跨境电商售后",
        since: "2026-08-01",
        arrived: "2026-10-12",
        people: 34,
        line: Line {
            queues: &[("aftersales", 1.0)],
            per_day: 90.0,
            growth: 0.05,
            weekend: 0.8,
            hours: (9, 22),
            handle: 240.0,
            patience: 120.0,
            comfort: 0.0,
            monday: (1.1, false),
            short_days: 0.15,
            outbound: false,
        },
        costs: [4700.0, 160.0, 260.0, 520.0, 310.0, 260.0, 70.0, 120.0],
        leases: &[Lease {
            code: "L-2026-011",
            product: "EQUIPPED",
            price: "1420.00",
            from: "2026-10-12",
            to: "2027-10-12",
            rent_free: Some(("2026-10-12", "2026-12-12")),
            takes: &[("2026-10-12", "2F-D", 60)],
            gives: &[],
            amends: &[],
        }],
    },
];
