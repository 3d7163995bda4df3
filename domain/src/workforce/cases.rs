//! Numbers that others computed: published tables, and 60-digit arithmetic.
//!
//! Published: Wolfram's and codingace.net's Erlang B examples, the erlang.com traffic tables, pyworkforce's regression
//! tests, Mandelbaum and Zeltyn's tutorial, mitan.co.uk, jonesthenet.com, Whitt's tables 1 and 5 (exact columns).

use super::*;
use crate::error::Error;

/// Splits a table into rows of a name and numbers.
fn table(text: &str) -> impl Iterator<Item = (&str, Vec<f64>)> {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| {
        let mut cells = line.split_whitespace();
        let name = cells.next().expect("a name");
        (name, cells.map(|cell| cell.parse().expect("a number")).collect())
    })
}

fn count(value: f64) -> u32 {
    value.to_string().parse().expect("a whole number")
}

/// Equal to `digits` significant digits of the printed value, trailing zeros of which may be left out in print.
fn agrees(what: &str, got: f64, printed: f64, digits: i32) {
    let magnitude: i32 = format!("{printed:e}").split_once('e').expect("an exponent").1.parse().expect("a number");
    let half = 0.500_01 * 10_f64.powi(magnitude + 1 - digits);
    assert!((got - printed).abs() <= half, "{what}: {got} is not {printed} to {digits} digits");
}

pub(super) fn traffic(contacts: f64, period: f64, handle: f64) -> Traffic {
    Traffic::new(contacts, period, handle).expect("traffic")
}

/// A target of Erlang C, from which the others are made.
pub(super) fn target(service_level: f64, threshold_seconds: f64) -> StaffingTarget {
    StaffingTarget {
        name: "test".to_owned(),
        version: 1,
        model: Model::ErlangC,
        service_level,
        threshold_seconds,
        max_occupancy: None,
        max_abandonment: None,
        max_asa_seconds: None,
        shrinkage: 0.0,
    }
}

pub(super) fn patient_for(patience_seconds: f64) -> Model {
    Model::ErlangA { patience_seconds, basis: ServiceLevelBasis::Offered }
}

pub(super) fn rules<T: std::fmt::Debug>(result: crate::Result<T>) -> Vec<(&'static str, String)> {
    match result {
        Err(Error::Refused(list)) => list.into_iter().map(|r| (r.rule, r.path.into_owned())).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn erlang_b_table() {
    // id N A B
    let rows = "
        B01 1 1 0.5
        B02 2 1 0.2
        B03 10 8 0.1216610643
        B04 12 10 0.1197391884
        B05 15 12.5 0.1004890851
        B07 22 18 0.06545095428
        B08 30 25 0.05260317223
        B09 17 10 0.01294887522
        B10 16 10 0.02230187204
        B11 200 180 0.0103249952
    ";
    for (id, row) in table(rows) {
        let [n, a, blocking] = row[..] else { panic!("{id}") };
        agrees(id, erlang_b(count(n), a).expect("B"), blocking, 10);
    }
    assert_eq!(erlang_b_lines(10.0, 0.02), Ok(17));
    assert_eq!(erlang_b_lines(10.0, 0.01), Ok(18));
    assert_eq!(erlang_b_lines(0.0, 0.01), Ok(0));
    assert_eq!(erlang_b_lines(1.0, 0.5), Ok(1), "exactly one half on one line");
    let carried = 10.0 * (1.0 - erlang_b(17, 10.0).expect("B")) / 17.0;
    agrees("occupancy of the lines", carried, 0.5806, 4);
}

#[test]
fn erlang_b_inverse_table() {
    // id N b A
    let rows = "
        BI01 1 0.01 0.0101010101
        BI02 2 0.01 0.152593293
        BI03 5 0.01 1.3607868
        BI04 10 0.01 4.46117686
        BI05 15 0.01 8.1080428
        BI07 50 0.01 37.9013981
        BI08 100 0.01 84.0641589
        BI09 10 0.02 5.08400463
        BI10 20 0.02 13.1815378
        BI11 50 0.02 40.2551438
        BI13 10 0.05 6.21570701
    ";
    for (id, row) in table(rows) {
        let [n, blocking, load] = row[..] else { panic!("{id}") };
        agrees(id, erlang_b_load(count(n), blocking).expect("A"), load, 9);
    }
}

#[test]
fn erlang_c_table() {
    // id calls period handle N t A P(wait) SL ASA occupancy
    let rows = "
        C01 100 1800 180 14 20 10.0 0.17413193 0.88835002 7.835937 0.714286
        C02 100 1800 180 15 20 10.0 0.10204237 0.94145284 3.6735252 0.666667
        C04 2880 3600 60 50 20 48.0 0.69445561 0.6434546 20.833668 0.96
        C05 720 3600 240 55 15 48.0 0.23870094 0.84588309 8.1840321 0.872727
        C06 250 3600 330 28 30 22.91667 0.22724123 0.8568503 14.752053 0.818452
        C08 400 3600 180 23 30 20.0 0.41573757 0.74784241 24.944254 0.869565
        C10 120 3600 180 10 20 6.0 0.10129924 0.93504891 4.5584659 0.6
        C11 1 1 2 3 1 2.0 0.44444444 0.73043082 0.88888889 0.666667
        C13 100 3600 240 10 20 6.666667 0.17458192 0.86776028 12.569899 0.666667
    ";
    for (id, row) in table(rows) {
        let [calls, period, handle, n, t, load, waits, level, asa, occupancy] = row[..] else { panic!("{id}") };
        let traffic = traffic(calls, period, handle);
        agrees(id, traffic.load(), load, 7);
        let queue = erlang_c(traffic, count(n)).expect("C");
        agrees(id, queue.wait_probability, waits, 8);
        agrees(id, queue.service_level(t).expect("SL"), level, 8);
        agrees(id, queue.mean_wait_seconds, asa, if id == "C01" { 7 } else { 8 });
        agrees(id, queue.occupancy.expect("occupancy"), occupancy, 6);
    }
    agrees("C04 queue", erlang_c(traffic(2880.0, 3600.0, 60.0), 50).expect("C").queue_length, 16.666_93, 7);
    agrees("M/M/3", erlang_c(traffic(1.0, 1.0, 2.0), 3).expect("C").wait_probability, 4.0 / 9.0, 15);
}

#[test]
fn erlang_a_table() {
    // id calls period handle patience N t P(wait) P(abandon) E[Lq] wait occupancy SL_off SL_exc SL_ans V<=t
    let rows = "
        A01 102 200 200 200 100 20 0.5917186 0.04991798 5.091634 9.983595 0.9690837 0.7587773 0.7889881 0.798644 0.7970679
        A02 102 200 200 200 100 40 0.5917186 0.04991798 5.091634 9.983595 0.9690837 0.9162712 0.9629031 0.9644127 0.9646996
        A04 102 200 200 800 100 40 0.7743209 0.03636189 14.83565 29.08951 0.9829109 0.6615183 0.6797247 0.68648 0.6883032
        A06 100 1800 180 300 14 20 0.1452601 0.01398374 0.2330624 4.195123 0.7042973 0.9167921 0.9234073 0.9297941 0.923956
        A07 100 1800 180 300 13 20 0.2257971 0.0249633 0.4160551 7.488991 0.7500282 0.8581777 0.8682745 0.8801491 0.8698063
        A10 100 1800 180 60 14 20 0.1115273 0.03032184 0.1010728 1.81931 0.6926273 0.9437761 0.965147 0.973288 0.9659187
        A12 50 3600 480 600 10 20 0.1416254 0.01996351 0.1663626 11.97811 0.6533577 0.8815044 0.8852674 0.8994608 0.885755
    ";
    for (id, row) in table(rows) {
        let [calls, period, handle, patience, n, t, ref want @ ..] = row[..] else { panic!("{id}") };
        let queue = erlang_a(traffic(calls, period, handle), patience, count(n)).expect("A");
        let within = queue.within(t).expect("levels");
        let got = [
            queue.wait_probability,
            queue.abandon_probability,
            queue.queue_length,
            queue.mean_wait_seconds,
            queue.occupancy.expect("occupancy"),
            within.offered,
            within.early_abandons_excluded.expect("some stay"),
            within.answered.expect("some are served"),
            within.left_queue,
        ];
        for (got, want) in got.into_iter().zip(want) {
            agrees(id, got, *want, 7);
        }
    }
}

#[test]
fn erlang_a_to_the_last_digits() {
    // calls period handle patience N t: P(wait) P(abandon) E[Lq] wait occupancy SL_off SL_exc SL_ans left virtual
    // wait-of-served, by mpmath with 60 digits: Palm's function as 1F1, the last column by quadrature
    let rows = "
        102 200 200 200 100 20 0.59171863451884383 0.049917975999820723 5.0916335519817137 9.9835951999641446 0.96908366448018286 0.75877729810866856 0.78898810638564815 0.79864398961465392 0.79706787312807563 0.77572531503791154 9.80818437095496
        100 1800 180 300 14 20 0.1452601142963612 0.013983744122408938 0.23306240204014896 4.1951232367226813 0.70429732562685076 0.91679209186354687 0.92340732227857846 0.92979409456851995 0.92395602727474548 0.91871362379759844 3.8784800445210219
        100 1800 180 300 13 20 0.22579708404737528 0.024963303633571875 0.41605506055953125 7.4889910900715625 0.75002822797417548 0.8581777000307626 0.86827452118825598 0.88014913000592463 0.86980630470716796 0.86083086777975065 6.91396830606578
        50 3600 480 600 10 20 0.14162543205163694 0.01996351463225999 0.16636262193549992 11.978108779355994 0.65335765691182667 0.88150441629751407 0.88526735321385975 0.89946081544785176 0.88575503833015176 0.88188269238599833 10.635543764757909
        1 1 2 1e6 3 1 0.44444345680219451 8.8887802493791234e-7 0.88887802493791234 0.88887802493791234 0.66666607408131671 0.73043201067373118 0.73043226614184306 0.7304326599392713 0.73043236042294643 0.73043209085517207 0.88887703731001558
        100 1800 180 1e9 14 20 0.17413191741643034 7.8359341680378938e-9 0.43532967600210521 7.8359341680378938 0.71428570868861845 0.88835003579724399 0.8883500382950067 0.88835004275829644 0.8883500386089315 0.88835003637593225 7.8359338768228531
        100 1800 180 0.5 14 20 0.058269518389443282 0.056116670407156983 1.5587964001988051e-3 0.028058335203578491 0.67420237828060216 0.94388332959284302 1.0 1.0 1.0 0.9876882192258199 1.1053639084998961e-3
        100 1800 180 5 3 20 0.77950476435629078 0.72638713475736192 0.2017742040992672 3.6319356737868096 0.91204288414212692 0.27281207114724943 0.96316341618571476 0.99707325861787051 0.98956618933455557 0.43033323987064454 0.95916051363298228
        1000 1800 1800 300 1000 20 0.29595718046101208 0.017913111095048815 2.9855185158414692 5.3739333285146446 0.98208688890495118 0.87588479670486565 0.88750887940194257 0.89186079826551474 0.88898222363417135 0.88132875740946334 5.2064796210785932
        1000 1800 1800 300 900 60 0.88883333832798173 0.10096290218551603 16.827150364252671 30.288870655654808 0.99893010868275997 0.79729323531108945 0.88252068037743486 0.88683018448212096 0.89386598081309343 0.87036761623048793 31.062141434058702
        1000 1800 1800 300 1100 20 7.6969328151234061e-4 2.753923762794072e-5 4.58987293799012e-3 8.261771288382216e-3 0.90906587342033824 0.99985801364464806 0.99988229754983426 0.99988554973040282 0.99988230040844586 0.99987418630385731 7.9997546758559402e-3
        2000 1800 900 3000 1000 20 0.64907372361787867 8.9286918359894353e-3 29.762306119964784 26.786075507968306 0.99107130816401056 0.54392112563038894 0.54592045367571408 0.54882138262888389 0.54758343216582564 0.54455724563324585 26.73404634176118
        10000 900 450 60 5000 10 0.27025547780394673 8.2652356916171105e-3 5.5101571277447404 0.49591414149702663 0.99173476430838289 0.99172804551488933 0.99999316466933169 0.99999322521128092 0.99999322116454028 0.99999199175214256 0.48791239341392284
        10000 900 450 6000 5010 30 0.69323533505268002 1.7076089132232962e-3 113.84059421488642 10.245653479339777 0.99629979150376917 0.9176463873599245 0.91910176669161701 0.91921604887816676 0.91922986743192052 0.91882500545760643 10.242232890043513
        10000 900 450 6000 4500 30 1.0 0.1 6666.6666666666667 600.0 1.0 1.6957716632171611e-58 1.7042717540518184e-58 1.8841907369079568e-58 4.9875208073176866e-3 1.8840178753724607e-58 632.1130940858467
        3 3600 300 120 1 20 0.21174411778162434 0.15302352887350264 0.015302352887350264 18.362823464820317 0.21174411778162434 0.80006272876507055 0.82612045288755422 0.94461033575226653 0.83160501056114958 0.80106482575201358 6.0881964219621271
        3 3600 300 120 2 20 0.025758767766725714 0.014536872079574859 1.4536872079574859e-3 1.7444246495489831 0.12318289099005314 0.97706801473064019 0.9807174299824027 0.99148104789318628 0.98078918368327927 0.97730510210459271 0.77676566955802355
        500 3600 300 120 10 60 0.99994357904295489 0.76000170134096745 12.666695022349457 91.200204160916093 0.99999291107930231 6.5412707440246311e-3 0.010771387945383471 0.027255487978762154 0.39925920299265688 9.5458697966455074e-3 156.87787871776398
        30000 900 300 90 10000 20 0.35561223163700551 5.1551383620362898e-3 15.465415086108869 0.46396245258326608 0.99484486163796371 0.99484486163796371 1.0 1.0 1.0 1.0 0.46103102070399019
        1000 900 90 90000 100 20 0.9701377678071321 2.4457271482897212e-3 244.57271482897212 220.11544334607491 0.99755427285171028 0.084160996944027869 0.084178634620922715 0.084367336429161562 0.084370523707847121 0.084167027881083322 220.21784169156696
        1000 900 90 90000 101 20 0.87454146438353865 7.5185329877241268e-4 75.185329877241268 67.666796889517141 0.98935460069428474 0.31453627957912217 0.31459055501717362 0.3147729426544212 0.31470880681233325 0.3145565029584901 67.662755666890151
        1000 900 90 90000 99 2000 0.99990575877793366 0.010007380436799358 1000.7380436799358 900.66423931194224 0.99999254501333398 0.98992762404508174 0.99993429838379725 0.99993434747205734 0.99993495588167279 0.99993349427691607 904.75005394684166
        1 1 1 1e5 1 1 0.99748532937174528 2.5146706282547193e-3 251.46706282547193 251.46706282547193 0.99748532937174528 5.0293244921286921e-3 5.0293745959159814e-3 5.0420034701626686e-3 5.0392867222894678e-3 5.0293370654084892e-3 251.60143484243934
        40000 900 180 600 8000 20 0.6471612719417074 3.1568947925684294e-3 84.183861135158118 1.8941368755410577 0.99684310520743157 0.99684306612461016 0.99999996075117004 0.9999999607934075 0.99999996087507446 0.99999995954893067 1.892843703566039
        300 1800 240 1e7 41 15 0.82275134878223446 1.970783039753605e-5 32.846383995893416 197.0783039753605 0.97559052894595362 0.22714432925929057 0.22714460099568225 0.22714880586943165 0.22714552557384302 0.22714436629126192 197.07747170883124
        0.25 3600 240 60 1 20 0.016447288330218133 0.013162700186912028 5.4844584112133451e-5 0.78976201121472169 0.016447288330218133 0.98467054524118214 0.98910586972499866 0.99780434467534189 0.9891547209190089 0.98486419376104257 0.15992756283941967
        120 3600 30 3600 1 3000 0.93365394452354058 0.066346055476459418 7.9615266571751302 238.84579971525391 0.93365394452354058 0.93365394452354004 0.99999999999999941 0.99999999999999942 0.99999999999999945 0.99999999999999874 241.19476842129446
        200 200 200 2e3 150 300 1.0 0.25 500.0 500.0 1.0 1.9878959956378521e-8 2.3096056384882083e-8 2.6505279941838028e-8 0.1392920433695749 2.2998082102742081e-8 574.69755231096597
    ";
    for line in rows.lines().filter(|line| !line.trim().is_empty()) {
        let row: Vec<f64> = line.split_whitespace().map(|cell| cell.parse().expect("a number")).collect();
        let [calls, period, handle, patience, n, t, ref want @ ..] = row[..] else { panic!("{line}") };
        let queue = erlang_a(traffic(calls, period, handle), patience, count(n)).expect("A");
        let within = queue.within(t).expect("levels");
        let got = [
            queue.wait_probability,
            queue.abandon_probability,
            queue.queue_length,
            queue.mean_wait_seconds,
            queue.occupancy.expect("occupancy"),
            within.offered,
            within.early_abandons_excluded.expect("some stay"),
            within.answered.expect("some are served"),
            within.left_queue,
            within.virtual_wait,
            queue.mean_wait_served_seconds.expect("some are served"),
        ];
        assert_eq!(got.len(), want.len());
        for (column, (got, want)) in got.into_iter().zip(want).enumerate() {
            // Shares of the threshold are differences of near-equal numbers under heavy overload; the rest is relative.
            let allowed = if (5..10).contains(&column) { 1e-12 } else { 1e-12 * want.abs() };
            assert!((got - want).abs() <= allowed, "{line}\ncolumn {column}: {got} is not {want}");
        }
    }
}

#[test]
fn fewest_agents_of_published_examples() {
    let ask = |calls, period, handle, target: &StaffingTarget| {
        agents_needed(traffic(calls, period, handle), target).expect("a need").agents
    };
    assert_eq!(ask(100.0, 1800.0, 180.0, &target(0.8, 20.0)), 14, "C01");
    let relaxed = StaffingTarget { max_occupancy: Some(0.7), ..target(0.8, 20.0) };
    assert_eq!(ask(100.0, 1800.0, 180.0, &relaxed), 15, "C02");
    assert_eq!(ask(250.0, 3600.0, 330.0, &target(0.8, 30.0)), 28, "C06");
    assert_eq!(ask(400.0, 3600.0, 180.0, &target(0.8, 30.0)), 24, "C08, where the article stops at 23");
    assert_eq!(ask(100.0, 3600.0, 240.0, &target(0.8, 20.0)), 10, "C13");
    let a07 = StaffingTarget {
        model: patient_for(300.0),
        max_occupancy: Some(0.85),
        max_abandonment: Some(0.05),
        ..target(0.8, 20.0)
    };
    assert_eq!(ask(100.0, 1800.0, 180.0, &a07), 13, "A07");
    let a12 = StaffingTarget { model: patient_for(600.0), ..target(0.8, 20.0) };
    assert_eq!(ask(50.0, 3600.0, 480.0, &a12), 10, "A12");
    let quick = StaffingTarget { max_asa_seconds: Some(5.0), ..target(0.0, 0.0) };
    assert_eq!(ask(100.0, 1800.0, 180.0, &quick), 15, "C01 answers in 7.8 s, C02 in 3.7 s");
    let kept = StaffingTarget { model: patient_for(300.0), max_abandonment: Some(0.014), ..target(0.0, 0.0) };
    assert_eq!(ask(100.0, 1800.0, 180.0, &kept), 14, "A06 loses 0.01398, A07 0.02496");
    let endless = StaffingTarget { model: patient_for(f64::INFINITY), ..target(0.8, 20.0) };
    assert_eq!(ask(100.0, 1800.0, 180.0, &endless), 14, "endless patience is Erlang C");
    assert_eq!(ask(0.0, 1800.0, 180.0, &endless), 0);
    // "At most" holds at equality: 7 erlangs on 10 agents are busy 0.7 of the time, one of two calls waits at 1/2 erlang.
    let seven = StaffingTarget { max_occupancy: Some(0.7), ..target(0.0, 0.0) };
    assert_eq!(ask(7.0, 60.0, 60.0, &seven), 10);
    assert_eq!(ask(0.5, 60.0, 60.0, &target(0.5, 0.0)), 1);
}

#[test]
fn shrinkage_table() {
    assert_eq!(positions_needed(14, 0.30), Ok(20), "SH1: exactly 20, though 14/0.7 is more in binary");
    assert_eq!(positions_needed(15, 0.30), Ok(22), "SH2");
    assert_eq!(productive_agents(20, 0.30), Ok(14), "SH4");
    assert_eq!(positions_needed(0, 0.99), Ok(0));
    assert_eq!(positions_needed(7, 0.0), Ok(7));
    assert_eq!(positions_needed(u32::MAX, 0.0), Ok(u32::MAX));
    assert_eq!(positions_needed(u32::MAX, 0.5).map_err(|r| r.rule), Err("agents-too-many"));
    // Whole hundredths against exact integer arithmetic.
    for percent in 0_u32..100 {
        let shrinkage = f64::from(percent) / 100.0;
        for n in 0_u32..400 {
            assert_eq!(positions_needed(n, shrinkage), Ok((n * 100).div_ceil(100 - percent)), "{n} at {percent} %");
            assert_eq!(productive_agents(n, shrinkage), Ok(n * (100 - percent) / 100), "{n} at {percent} %");
        }
    }
    for bad in [1.0, 1.5, -0.1, f64::NAN, f64::INFINITY] {
        assert_eq!(positions_needed(14, bad).map_err(|r| r.rule), Err("shrinkage-range"), "{bad}");
        assert_eq!(productive_agents(14, bad).map_err(|r| r.rule), Err("shrinkage-range"), "{bad}");
    }
}

#[test]
fn the_mean_wednesday_of_an_israeli_bank_february_1999() {
    // Calls an hour over four Wednesdays, 15 calls an agent and hour, smallest N with P(wait) <= 1/2: the need row of
    // the "mtpa" book's shift example.
    let calls = [
        6.75, 1.75, 1.25, 0.0, 0.5, 0.25, 4.75, 39.5, 97.25, 107.5, 124.0, 110.25, 95.5, 203.5, 115.75, 115.5, 67.75,
        75.0, 88.75, 85.5, 68.0, 61.5, 57.5, 44.25,
    ];
    let published = [1, 1, 1, 0, 1, 1, 1, 4, 8, 9, 10, 9, 8, 16, 10, 10, 6, 7, 8, 8, 6, 6, 5, 4];
    let day: Vec<_> = (0_u8..)
        .zip(calls)
        .map(|(start, contacts)| IntervalLoad { start, contacts, handle_seconds: Some(240.0) })
        .collect();
    let needs = need_per_interval(&day, 3600, &target(0.5, 0.0)).expect("needs");
    assert_eq!(needs.iter().map(|need| need.agents).collect::<Vec<_>>(), published);
    assert_eq!(needs.iter().map(|need| need.start).collect::<Vec<_>>(), (0..24).collect::<Vec<_>>());
    for need in &needs {
        assert!(need.predicted.service_level >= 0.5 && need.predicted.agents == need.agents);
    }
}
